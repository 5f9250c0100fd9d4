@org.jspecify.annotations.NullMarked
package io.residuum.picture;
