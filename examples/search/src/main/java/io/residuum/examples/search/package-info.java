/** An index of passages on disk, searched by meaning with Lucene. */
@NullMarked
package io.residuum.examples.search;

import org.jspecify.annotations.NullMarked;
