/**
 * Feeds damaged and hostile files to every reader: seeded mutations of bytes and of JSON trees. A
 * case must be accepted or refused by a ResiduumException with a message of one line, quickly and
 * without much memory.
 */
package io.residuum.examples.fuzz;
