package io.residuum.transformer.text;

/** A text and the name of its class, as read from a file. */
record LabelledRow(String text, String label) {}
