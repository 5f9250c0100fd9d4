package io.residuum.transformer.text;

/** A text and the name of its class, as a file has them. */
record LabelledRow(String text, String label) {}
