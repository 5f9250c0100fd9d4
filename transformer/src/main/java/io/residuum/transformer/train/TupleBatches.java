package io.residuum.transformer.train;

import io.residuum.data.Prefetcher;
import io.residuum.data.Seeds;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.transformer.text.pairs.TextTuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Set;

/**
 * The training batches of texts that belong together. A batch holds no text twice, if enough other
 * tuples are left, because the other texts of a batch are wrong answers.
 *
 * @param tuples the tuples
 * @param ids the tokens of each text of each tuple
 * @param recipe the batch size and the seed
 * @param batches the number of batches in an epoch
 */
record TupleBatches(List<TextTuple> tuples, int[][][] ids, Recipe recipe, int batches) {

    /** Opens the source. */
    BatchSource open() {
        return BatchSource.prefetched(
                batches,
                new Prefetcher(1, 2),
                epoch -> {
                    List<int[]> dealt =
                            dealt(
                                    Seeds.permutation(
                                            tuples.size(), Seeds.random(recipe.seed(), epoch)));
                    return batch -> TupleBatch.of(tuples, ids, dealt.get(batch));
                });
    }

    /** Returns the tuples of each batch. */
    private List<int[]> dealt(int... order) {
        LinkedList<Integer> left = new LinkedList<>();
        Arrays.stream(order).forEach(left::add);
        List<int[]> dealt = new ArrayList<>();
        while (dealt.size() < batches) {
            List<Integer> batch = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            Iterator<Integer> rest = left.iterator();
            while (rest.hasNext() && batch.size() < recipe.batch()) {
                int i = rest.next();
                List<String> texts = tuples.get(i).texts();
                if (Collections.disjoint(seen, texts)) {
                    seen.addAll(texts);
                    batch.add(i);
                    rest.remove();
                }
            }
            while (batch.size() < recipe.batch()) {
                batch.add(left.removeFirst());
            }
            dealt.add(batch.stream().mapToInt(Integer::intValue).toArray());
        }
        return dealt;
    }
}
