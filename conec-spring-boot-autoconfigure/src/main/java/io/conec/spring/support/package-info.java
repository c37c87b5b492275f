/** What listeners and templates have in common: payloads and headers. */
@NullMarked
package io.conec.spring.support;

import org.jspecify.annotations.NullMarked;
