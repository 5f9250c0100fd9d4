package io.residuum.graph.trace;

import io.residuum.graph.Node;
import io.residuum.nn.Cache;
import java.util.List;

/** A cache whose new rows are outputs of the captured graph. */
interface TracedRows extends Cache {

    /** {@return the rows that layers have appended} */
    List<Node> appended();
}
