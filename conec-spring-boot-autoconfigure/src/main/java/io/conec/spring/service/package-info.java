/** Interfaces whose methods are requests. */
@NullMarked
package io.conec.spring.service;

import org.jspecify.annotations.NullMarked;
