package io.residuum.train.report;

import io.residuum.draw.Markup;

/**
 * A part of the page that the table of contents names.
 *
 * @param id its anchor
 * @param title its heading
 * @param body what it shows
 */
record Section(String id, String title, Markup body) {}
