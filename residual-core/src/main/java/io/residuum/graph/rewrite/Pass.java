package io.residuum.graph.rewrite;

import io.residuum.graph.Graph;
import java.util.List;

/** A rewriting of graphs. Unless it says otherwise, the new graph computes the same function. */
public interface Pass {

    /**
     * Rewrites a graph.
     *
     * @param graph any graph; not changed
     * @return a new graph, or the same one if nothing changes
     */
    Graph apply(Graph graph);

    /** Applies passes in order. */
    static Graph all(List<Pass> passes, Graph graph) {
        Graph result = graph;
        for (Pass pass : passes) {
            result = pass.apply(result);
        }
        return result;
    }
}
