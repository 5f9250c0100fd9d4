package io.residuum.draw;

/**
 * A section of a {@link Page}.
 *
 * @param id the anchor
 * @param title the heading
 * @param body the contents
 */
public record Section(String id, String title, Markup body) {}
