package io.conec.spring.boot.autoconfigure;

import org.jspecify.annotations.Nullable;

/** A property that is missing, wrong or contradicts another one. The message begins with the property's name. */
public final class InvalidConecPropertyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String property;
    private final String action;

    /** A problem with a property: a phrase that follows its name. */
    public InvalidConecPropertyException(String property, String problem, String action) {
        this(property, problem, action, null);
    }

    InvalidConecPropertyException(String property, String problem, String action, @Nullable Throwable cause) {
        super(property + " " + problem, cause);
        this.property = property;
        this.action = action;
    }

    /** The property to change. */
    public String property() {
        return property;
    }

    /** What to do about it: a sentence. */
    public String action() {
        return action;
    }
}
