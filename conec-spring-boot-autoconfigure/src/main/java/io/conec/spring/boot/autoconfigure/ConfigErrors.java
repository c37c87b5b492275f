package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.util.StringUtils;

/**
 * Gives the core's errors the name of the property. The core names its own setting, as the first word of the message; properties are called the same
 * in kebab case, with "size" for "bytes" at the end, as a {@code DataSize} has a unit of its own.
 */
final class ConfigErrors {
    private ConfigErrors() {}

    /** Builds a config whose settings are the properties under the prefix, except for those listed. */
    static <T> T naming(String prefix, Map<String, String> exceptions, Supplier<T> build) {
        try {
            return build.get();
        } catch (ConecException e) {
            String message = String.valueOf(e.getMessage());
            String setting = StringUtils.tokenizeToStringArray(message, " ")[0];
            if (e.code() != ErrorCode.INVALID_CONFIGURATION || !message.startsWith(setting + " ")) {
                throw e;
            }
            String property = exceptions.getOrDefault(setting, prefix + "." + kebabCase(setting));
            if (!ConfigurationPropertyName.isValid(property)) {
                throw e;
            }
            throw new InvalidConecPropertyException(
                    property, message.substring(setting.length() + 1), "Correct the property's value.", e);
        }
    }

    private static String kebabCase(String setting) {
        String name = setting.replaceAll("([a-z])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
        return name.endsWith("-bytes") ? name.substring(0, name.length() - "bytes".length()) + "size" : name;
    }
}
