package io.residuum.draw;

/** A rectangle of a drawing, by its upper left corner. */
record Rect(double x, double y, double width, double height) {
    double right() {
        return x + width;
    }

    double bottom() {
        return y + height;
    }

    double middle() {
        return y + height / 2;
    }

    double center() {
        return x + width / 2;
    }
}
