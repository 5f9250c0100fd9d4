package io.residuum.train.report;

import io.residuum.draw.Markup;

/**
 * A section of the page, listed in the table of contents.
 *
 * @param id the anchor
 * @param title the heading
 * @param body the contents
 */
record Section(String id, String title, Markup body) {}
