package io.residuum.examples.cli.predict;

import io.residuum.examples.cli.options.TextHeadOptions;
import io.residuum.json.JsonText;
import io.residuum.model.ClassActivation;
import io.residuum.model.ClassProbability;
import io.residuum.model.Classification;
import io.residuum.spec.ModelSpec;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.predict.Answer;
import io.residuum.transformer.predict.Entity;
import io.residuum.transformer.predict.MaskFill;
import io.residuum.transformer.predict.MaskFiller;
import io.residuum.transformer.predict.QuestionAnswerer;
import io.residuum.transformer.predict.Reranker;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.predict.TextModel;
import io.residuum.transformer.predict.TextPair;
import io.residuum.transformer.predict.TextTagger;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Encoding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Runs the heads of text models, other than classifiers of single texts, and gives rows of results.
 *
 * @param model the model
 * @param options what is asked
 * @param batch the batch size
 * @param top the number of results of a text
 */
record TextHeads(TextModel model, TextHeadOptions options, int batch, int top) {

    /** {@return true if single texts are classified by the usual path} */
    static boolean classifies(ModelSpec spec, TextHeadOptions options) {
        return options.question() == null
                && options.query() == null
                && options.seconds().isEmpty()
                && TextClassifier.isClassifier(spec);
    }

    /** {@return rows with equal keys} */
    List<Map<String, Object>> rows(List<String> texts) {
        String question = options.question();
        String context = options.context();
        if (question != null && context != null) {
            return answers(question, context);
        }
        String query = options.query();
        if (query != null) {
            return ranked(query, texts);
        }
        if (!options.seconds().isEmpty()) {
            return pairs(texts);
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        if (TextOutput.of(model.network().spec()) == TextOutput.TOKEN_CLASSES) {
            List<List<Entity>> found = new TextTagger(model).tag(texts, options.aggregation());
            for (int i = 0; i < texts.size(); i++) {
                for (Entity one : found.get(i)) {
                    rows.add(row(texts.get(i), one));
                }
            }
        } else {
            List<List<MaskFill>> found = new MaskFiller(model).fill(texts, top);
            for (int i = 0; i < texts.size(); i++) {
                for (MaskFill one : found.get(i)) {
                    rows.add(row(texts.get(i), one));
                }
            }
        }
        return rows;
    }

    /** {@return a line for each text or pair whose end is cut; windows read whole texts} */
    List<String> cuts(List<String> texts) {
        Tokenizer tokenizer = model.tokenizer();
        String query = options.query();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            Encoding text = tokenizer.tokens(texts.get(i));
            boolean cut =
                    query != null
                            ? model.encoder().cuts(tokenizer.tokens(query), text)
                            : !options.seconds().isEmpty()
                                    && model.encoder()
                                            .cuts(text, tokenizer.tokens(options.seconds().get(i)));
            if (cut) {
                lines.add(
                        "only %d tokens are read of the pair with %s"
                                .formatted(model.encoder().length(), JsonText.quote(texts.get(i))));
            }
        }
        return lines;
    }

    private List<Map<String, Object>> answers(String question, String context) {
        QuestionAnswerer.Settings settings =
                new QuestionAnswerer.Settings(top, QuestionAnswerer.Settings.DEFAULT.tokens());
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Answer found : new QuestionAnswerer(model).answers(question, context, settings)) {
            rows.add(
                    row(
                            "question", question,
                            "answer", found.answer(),
                            "score", found.score(),
                            "start", found.start(),
                            "end", found.end()));
        }
        return rows;
    }

    private List<Map<String, Object>> ranked(String query, List<String> texts) {
        return new Reranker(model)
                .rank(query, texts).stream()
                        .limit(top)
                        .map(
                                one ->
                                        row(
                                                "query", query,
                                                "text", texts.get(one.index()),
                                                "index", one.index(),
                                                "score", one.score()))
                        .toList();
    }

    private List<Map<String, Object>> pairs(List<String> texts) {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (TextClassifier classifier = TextClassifier.of(model.network(), model.tokenizer())) {
            List<TextPair> pairs =
                    IntStream.range(0, texts.size())
                            .mapToObj(i -> new TextPair(texts.get(i), options.seconds().get(i)))
                            .toList();
            List<Classification> found = classifier.classifyPairs(pairs, batch);
            String key = scoreName(classifier.activation());
            for (int i = 0; i < pairs.size(); i++) {
                for (ClassProbability one : found.get(i).top(top)) {
                    rows.add(
                            row(
                                    "text",
                                    pairs.get(i).first(),
                                    "textPair",
                                    pairs.get(i).second(),
                                    "index",
                                    one.index(),
                                    "name",
                                    one.name(),
                                    key,
                                    one.probability()));
                }
            }
        }
        return rows;
    }

    private static String scoreName(ClassActivation activation) {
        return activation == ClassActivation.IDENTITY ? "score" : "probability";
    }

    private static Map<String, Object> row(String text, Entity entity) {
        return row(
                "text", text,
                "label", entity.label(),
                "score", entity.score(),
                "word", entity.word(),
                "start", entity.start(),
                "end", entity.end());
    }

    private static Map<String, Object> row(String text, MaskFill fill) {
        return row(
                "text", text,
                "mask", fill.mask(),
                "token", fill.token(),
                "tokenText", fill.text(),
                "score", fill.score(),
                "sequence", fill.sequence());
    }

    private static Map<String, Object> row(Object... keysAndValues) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            row.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return row;
    }
}
