package io.residuum.transformer.generate;

import io.residuum.spec.Check;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Searches the most probable texts of a batch of prompts. The order of candidates, the moment of
 * the end and the scores are those of transformers.
 */
final class BeamSearch {
    /** The score of a beam that only fills the batch. */
    private static final double NEVER = -1e9;

    private final Search search;
    private final ScoreRules rules;
    private final Tokenizer tokenizer;
    private final List<Item> items;

    /** A partial text and its log-probability. */
    private record Beam(List<Integer> text, double score) {
        Beam with(int token, double total) {
            List<Integer> longer = new ArrayList<>(text);
            longer.add(token);
            return new Beam(longer, total);
        }
    }

    /** A token after a beam. */
    private record Candidate(int beam, int token, double score) {}

    /** A text at its end, or where the search stopped. */
    private record Complete(List<Integer> text, double score, boolean stopped) {}

    /** The search for one prompt. */
    private static final class Item {
        private final int[] prompt;
        private final List<Integer> source;
        private List<Beam> running = List.of(new Beam(List.of(), 0));
        private List<Complete> complete = List.of();
        private boolean improvable = true;

        Item(int[] prompt, int[] source) {
            this.prompt = prompt;
            this.source = Arrays.stream(source).boxed().toList();
        }
    }

    /**
     * Creates a search.
     *
     * @param prompts the decoder's first tokens of each text
     * @param sources the encoder's input for each text; the prompts if there is no encoder
     * @param rules the rules, with the number of beams
     * @param tokenizer the tokenizer, whose tokens are chosen from
     */
    BeamSearch(List<int[]> prompts, List<int[]> sources, ScoreRules rules, Tokenizer tokenizer) {
        this.search = rules.search();
        this.rules = rules;
        this.tokenizer = tokenizer;
        this.items =
                IntStream.range(0, prompts.size())
                        .mapToObj(i -> new Item(prompts.get(i), sources.get(i)))
                        .toList();
        int tokens = tokenizer.vocabulary();
        // Enough candidates must remain if the best ones all end.
        Check.that(
                search.beams() * keptPerBeam() <= tokens,
                "beams must be at most %s with %s tokens to choose from, got %s",
                tokens / keptPerBeam(),
                tokens,
                search.beams());
    }

    private int keptPerBeam() {
        return Math.max(2, 1 + rules.ends().size());
    }

    /**
     * Searches.
     *
     * @param window the prompts' window, with one row per prompt
     * @param first the logits after the prompts
     * @param width the number of logits of a row
     * @param stopped returns true to end the search early
     * @return the complete texts of each prompt, the best first; partial ones if none is complete
     */
    List<List<Hypothesis>> run(
            ContextWindow window, float[] first, int width, BooleanSupplier stopped) {
        float[] logits = first;
        for (int length = 0; length < rules.maxTokens(); length++) {
            int[] rows = new int[items.size() * search.beams()];
            for (int i = 0; i < items.size(); i++) {
                int from = length == 0 ? i : i * search.beams();
                int[] parents = step(items.get(i), logits, from * width, width, length);
                for (int b = 0; b < parents.length; b++) {
                    rows[i * search.beams() + b] = from + parents[b];
                }
            }
            if (stopped.getAsBoolean() || isDone()) {
                break;
            }
            if (length + 1 < rules.maxTokens()) {
                window.select(rows);
                window.append(
                        items.stream()
                                .flatMap(item -> item.running.stream())
                                .mapToInt(beam -> beam.text.get(beam.text.size() - 1))
                                .toArray());
                logits = window.logits();
            }
        }
        return items.stream()
                .map(item -> best(item).stream().map(text -> hypothesis(item, text)).toList())
                .toList();
    }

    /** Extends the beams of a prompt. Returns the index of the beam that each new one continues. */
    private int[] step(Item item, float[] logits, int from, int width, int length) {
        List<Candidate> all = new ArrayList<>();
        for (int b = 0; b < item.running.size(); b++) {
            candidates(item, b, logits, from + b * width, width, length).forEach(all::add);
        }
        int beams = search.beams();
        all.sort(Comparator.comparingDouble(Candidate::score).reversed());
        List<Candidate> best = all.subList(0, Math.min(all.size(), beams * keptPerBeam()));
        boolean last = length + 1 == rules.maxTokens();
        finish(item, best, length + 1, last);
        List<Beam> running = new ArrayList<>();
        List<Integer> parents = new ArrayList<>();
        for (Candidate c : best) {
            if (running.size() < beams && !last && !rules.ends().contains(c.token)) {
                running.add(item.running.get(c.beam).with(c.token, c.score));
                parents.add(c.beam);
            }
        }
        while (running.size() < beams) {
            // Rules allow too few tokens.
            Candidate any = best.get(0);
            running.add(item.running.get(any.beam).with(any.token, NEVER));
            parents.add(any.beam);
        }
        item.running = running;
        item.improvable = item.improvable && canImprove(item, length + 1);
        return parents.stream().mapToInt(parent -> parent).toArray();
    }

    /** Lists the best tokens after a beam. */
    private List<Candidate> candidates(
            Item item, int beam, float[] logits, int from, int width, int length) {
        Beam before = item.running.get(beam);
        double[] scores = Sampler.logProbabilities(logits, from, width, tokenizer.vocabulary());
        List<Integer> text = new ArrayList<>();
        for (int token : item.prompt) {
            text.add(token);
        }
        text.addAll(before.text);
        rules.apply(scores, text, length, item.source);
        Ranking ranking = new Ranking(scores);
        int count = search.beams() * keptPerBeam();
        return IntStream.range(0, Math.min(count, scores.length))
                .map(i -> ranking.next())
                .filter(token -> scores[token] > Double.NEGATIVE_INFINITY)
                .mapToObj(token -> new Candidate(beam, token, before.score + scores[token]))
                .toList();
    }

    /** Adds the texts that end here, if they are among the best. */
    private void finish(Item item, List<Candidate> best, int length, boolean last) {
        if (!item.improvable || (isFull(item) && stopsWhenFull())) {
            return;
        }
        List<Complete> complete = new ArrayList<>(item.complete);
        for (Candidate c : best.subList(0, Math.min(best.size(), search.beams()))) {
            if (last || rules.ends().contains(c.token)) {
                Beam ended = item.running.get(c.beam).with(c.token, c.score);
                complete.add(new Complete(ended.text, scored(c.score, length), false));
            }
        }
        complete.sort(Comparator.comparingDouble(Complete::score).reversed());
        item.complete = List.copyOf(complete.subList(0, Math.min(complete.size(), search.beams())));
    }

    private boolean isFull(Item item) {
        return item.complete.size() == search.beams();
    }

    private boolean stopsWhenFull() {
        return search.earlyStopping() == Search.EarlyStopping.FULL;
    }

    private double scored(double logProbability, int length) {
        return logProbability / Math.pow(length, search.lengthPenalty());
    }

    /** Returns true if a partial text may become better than the worst complete one. */
    private boolean canImprove(Item item, int length) {
        if (!isFull(item)) {
            return true;
        }
        boolean longest =
                search.earlyStopping() == Search.EarlyStopping.NEVER && search.lengthPenalty() > 0;
        double hope = scored(item.running.get(0).score, longest ? rules.maxTokens() : length);
        return hope > item.complete.get(item.complete.size() - 1).score;
    }

    private boolean isDone() {
        return items.stream().noneMatch(item -> item.improvable)
                || (stopsWhenFull() && items.stream().allMatch(this::isFull));
    }

    private List<Complete> best(Item item) {
        return item.complete.isEmpty()
                ? item.running.stream()
                        .map(b -> new Complete(b.text, scored(b.score, b.text.size()), true))
                        .toList()
                : item.complete;
    }

    private Hypothesis hypothesis(Item item, Complete found) {
        List<Integer> text = found.text;
        TextStream stream = new TextStream(tokenizer, item.prompt, List.of());
        text.stream().filter(token -> !rules.ends().contains(token)).forEach(stream::add);
        stream.rest();
        Continuation.Reason reason =
                rules.ends().contains(text.get(text.size() - 1))
                        ? Continuation.Reason.END_TOKEN
                        : found.stopped
                                ? Continuation.Reason.STOPPED
                                : Continuation.Reason.MAX_TOKENS;
        return new Hypothesis(new Continuation(stream.text(), text, reason), found.score);
    }
}
