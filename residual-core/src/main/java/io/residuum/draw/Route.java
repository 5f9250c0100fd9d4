package io.residuum.draw;

import java.util.List;

/** An arrow of horizontal and vertical lines. A tapped arrow starts on another arrow. */
record Route(Edge link, List<Point> points, boolean tapped) {}
