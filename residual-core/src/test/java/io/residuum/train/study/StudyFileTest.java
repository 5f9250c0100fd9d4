package io.residuum.train.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.Score;
import io.residuum.train.Tiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StudyFileTest {
    @TempDir private Path temp;

    @BeforeEach
    void writeFiles() throws IOException {
        SpecJson json = SpecJson.standard();
        Files.writeString(temp.resolve("tiny.json"), json.write(Tiny.network()));
        Files.writeString(temp.resolve("smooth.json"), json.write(Tiny.smooth()));
        Files.writeString(temp.resolve("long.json"), "{\"epochs\": 50, \"batch\": 7}");
    }

    private Study read(String text) {
        try {
            Path file = Files.writeString(temp.resolve("study.json"), text.replace('\'', '"'));
            return Study.read(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> names(Study study) {
        return study.variants().stream().map(Variant::name).toList();
    }

    @Test
    void alternativesAreCrossedTheLastFastest() {
        Study study =
                read(
                        """
                        {'model': {'oneOf': ['tiny.json', 'smooth.json']},
                         'recipe': {'epochs': 3, 'learningRate': {'oneOf': [0.1, 0.2]}},
                         'seeds': 3, 'measure': 'F1'}
                        """);
        assertEquals(
                List.of(
                        "tiny, learningRate=0.1",
                        "tiny, learningRate=0.2",
                        "smooth, learningRate=0.1",
                        "smooth, learningRate=0.2"),
                names(study));
        assertEquals(List.of(1L, 2L, 3L), study.seeds());
        assertEquals(new Score.Choice("F1", Score.Direction.HIGHEST), study.measure());
        Variant last = study.variants().get(3);
        assertEquals(Tiny.smooth(), last.model().spec());
        assertEquals(Recipe.builder().epochs(3).learningRate(0.2).build(), last.recipe());
        assertEquals("smooth-learningRate=0.2", last.fileName());
    }

    /** The default recipe of tables and texts has a warmup of an epoch. */
    @Test
    void aShortStudyShortensTheDefaultWarmup() throws IOException {
        Recipe defaults = Recipe.builder().epochs(30).warmupEpochs(1).build();
        Path file = temp.resolve("study.json");
        Files.writeString(
                file, "{'model': 'tiny.json', 'recipe': {'epochs': 1}}".replace('\'', '"'));
        Recipe one = Study.read(file, data -> defaults).variants().get(0).recipe();
        assertEquals(Recipe.builder().epochs(1).warmupEpochs(0.5).build(), one);
        Files.writeString(
                file, "{'model': 'tiny.json', 'recipe': {'epochs': 2}}".replace('\'', '"'));
        Recipe two = Study.read(file, data -> defaults).variants().get(0).recipe();
        assertEquals(Recipe.builder().epochs(2).warmupEpochs(1).build(), two);
        Files.writeString(
                file,
                "{'model': 'tiny.json', 'recipe': {'epochs': 1, 'warmupEpochs': 1}}"
                        .replace('\'', '"'));
        SpecException e =
                assertThrows(SpecException.class, () -> Study.read(file, data -> defaults));
        assertTrue(String.valueOf(e.getMessage()).contains("warmupEpochs must be in [0, 1)"));
    }

    @Test
    void pairedAlternativesShareTheirIndex() {
        Study study =
                read(
                        """
                        {'model': 'tiny.json',
                         'recipe': {'batch': {'oneOf': {'small': 16, 'large': 64}, 'with': 'size'},
                                    'learningRate': {'oneOf': [0.1, 0.4], 'with': 'size'},
                                    'labelSmoothing': {'oneOf': [0, 0.1]}}}
                        """);
        assertEquals(
                List.of(
                        "small, learningRate=0.1, labelSmoothing=0",
                        "small, learningRate=0.1, labelSmoothing=0.1",
                        "large, learningRate=0.4, labelSmoothing=0",
                        "large, learningRate=0.4, labelSmoothing=0.1"),
                names(study));
        assertEquals(64, study.variants().get(3).recipe().batch());
        assertEquals(0.4, study.variants().get(3).recipe().learningRate());
    }

    @Test
    void alternativesMayHoldAlternatives() {
        Study study =
                read(
                        """
                        {'model': 'tiny.json',
                         'recipe': {'optimizer': {'oneOf': {
                            'plain': {'type': 'sgd', 'momentum': 0},
                            'momentum': {'type': 'sgd', 'momentum': {'oneOf': [0.8, 0.9]}},
                            'adam': 'adamw'}}}}
                        """);
        assertEquals(
                List.of("plain", "momentum, momentum=0.8", "momentum, momentum=0.9", "adam"),
                names(study));
    }

    @Test
    void variantsSetNetworkAndRecipeTogether() {
        Study study =
                read(
                        """
                        {'model': 'tiny.json', 'recipe': {'epochs': 3, 'learningRate': 0.2},
                         'variants': {
                           'base': {},
                           'slow': {'recipe': {'learningRate': {'oneOf': [0.01, 0.02]}}},
                           'other': {'model': {'base': 'smooth.json', 'name': 'renamed'},
                                     'recipe': {'optimizer': {'weightDecay': 0.5}}}}}
                        """);
        assertEquals(
                List.of("base", "slow, learningRate=0.01", "slow, learningRate=0.02", "other"),
                names(study));
        assertEquals(0.2, study.variants().get(0).recipe().learningRate());
        Variant other = study.variants().get(3);
        assertEquals("renamed", other.model().spec().name());
        assertEquals(Tiny.smooth().network(), other.model().spec().network());
        assertEquals(3, other.recipe().epochs());
        assertTrue(other.recipe().optimizer().toString().contains("weightDecay=0.5"));
    }

    @Test
    void recipesMayChangeAFile() {
        Study study =
                read(
                        """
                        {'model': 'tiny.json',
                         'recipe': {'oneOf': {'file': 'long.json',
                                              'changed': {'base': 'long.json', 'batch': 9}}}}
                        """);
        assertEquals(
                Recipe.builder().epochs(50).batch(7).build(), study.variants().get(0).recipe());
        assertEquals(
                Recipe.builder().epochs(50).batch(9).build(), study.variants().get(1).recipe());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {'modle': 'tiny.json'} | :1: $: unknown key "modle", did you mean "model"?
                    {'model': 'tiny.json', 'recipe': {'epoch': 1}} | :1: $.recipe: unknown key "epoch"
                    {'model': 'tinny.json'} | tinny.json: no such file
                    {'model': 'resnet21'} | :1: $.model: a model must be a preset
                    {'recipe': {}} | :1: $: model must be given
                    {'model': {'oneOf': []}} | :1: $.model.oneOf: alternatives must be one or more
                    {'model': {'oneOf': ['tiny.json'], 'wiht': 'a'}} | :1: $.model: unknown key "wiht"
                    {'model': 'tiny.json', 'recipe': {'seed': 1}} | :1: $.recipe.seed: the recipe of a study must not have a seed
                    {'model': 'tiny.json', 'seeds': [1, 1]} | :1: $: the seeds of a study must differ, got 1 twice
                    {'model': 'tiny.json', 'seeds': 0} | :1: $.seeds: the number of seeds must be in [1, 10000], got 0
                    {'model': 'tiny.json', 'seeds': 2000000000} | :1: $.seeds: the number of seeds must be in [1, 10000], got 2000000000
                    {'model': 'tiny.json', 'search': {'type': 'random', 'runs': 2000000000}} | :1: $.search.runs: runs must be in [1, 10000], got 2000000000
                    {'model': 'tiny.json', 'recipe': {'epochs': {'oneOf': [1, 1]}}} | must have different names, got "1" twice
                    {'model': 'tiny.json', 'recipe': {'learningRate': {'range': [0.1, 1]}}} | :1: $.recipe.learningRate: a range needs a search
                    {'model': 'tiny.json', 'search': {'type': 'random', 'runs': 2}} | a search needs a range or alternatives
                    {'model': 'tiny.json', 'recipe': {'epochs': {'oneOf': [1, 2], 'with': 'x'}, 'batch': {'oneOf': [3], 'with': 'x'}}} | must have equally many alternatives, got 1 here and 2 in $.recipe.epochs
                    {'model': 'tiny.json', 'recipe': {'epochs': {'oneOf': {'a b': 1, 'a?b': 2}}}} | names that differ as names of folders, got "a b" and "a?b"
                    {'model': {'base': 'tiny.json', 'network': {'laers': 1}}} | $.model.network: unknown key "laers"
                    {'model': 'tiny.json', 'variants': {'a': {'models': 1}}} | $.variants.a: unknown key "models"
                    """)
    void errorsNameFilePlaceAndFix(String text, String message) {
        String found = assertThrows(SpecException.class, () -> read(text)).getMessage();
        assertTrue(found.startsWith(temp.resolve("study.json") + ":1: $"), found);
        assertTrue(found.contains(message), found);
    }
}
