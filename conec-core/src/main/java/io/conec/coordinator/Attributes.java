package io.conec.coordinator;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.PresentClient;
import io.conec.internal.protocol.ClientHello;
import io.conec.internal.protocol.Header;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a client says about itself in its hello. */
final class Attributes {
    private Attributes() {}

    /** @throws ConecException with {@link ErrorCode#PROTOCOL_VIOLATION} if it is more than it may say */
    static Map<String, String> of(ClientHello hello) {
        Map<String, String> attributes = new LinkedHashMap<>();
        int characters = 0;
        for (Header each : hello.getAttributesList()) {
            attributes.put(each.getName(), each.getValue());
            characters += each.getName().length() + each.getValue().length();
        }
        if (hello.getAttributesCount() > PresentClient.MAX_ATTRIBUTES
                || characters > PresentClient.MAX_ATTRIBUTE_CHARACTERS) {
            throw new ConecException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    hello.getAttributesCount() + " attributes of " + characters + " characters, at most "
                            + PresentClient.MAX_ATTRIBUTES + " of " + PresentClient.MAX_ATTRIBUTE_CHARACTERS
                            + " are allowed");
        }
        return attributes;
    }
}
