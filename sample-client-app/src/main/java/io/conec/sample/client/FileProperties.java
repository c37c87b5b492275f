package io.conec.sample.client;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What is done with files from peers.
 *
 * @param directory where they are kept, in a directory for each peer
 * @param maxSize the largest that is taken
 */
@ConfigurationProperties("sample.files")
record FileProperties(
        @DefaultValue("received") Path directory,
        @DefaultValue("10GB") DataSize maxSize) {}
