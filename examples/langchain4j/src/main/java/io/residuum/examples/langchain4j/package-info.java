/** Models of LangChain4j on networks of Residuum. */
@NullMarked
package io.residuum.examples.langchain4j;

import org.jspecify.annotations.NullMarked;
