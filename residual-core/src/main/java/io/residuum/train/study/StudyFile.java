package io.residuum.train.study;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.json.JsonText;
import io.residuum.json.MergePatch;
import io.residuum.model.ModelSource;
import io.residuum.model.Presets;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.Score;
import io.residuum.train.callback.Goal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Reads a study file. Paths in it are relative to its folder. */
final class StudyFile {
    static final String MODEL = "model";
    static final String BASE = "base";
    private static final String RECIPE = "recipe";
    private static final String VARIANTS = "variants";
    private static final String SEED = "seed";
    private static final List<String> KEYS =
            List.of("description", "data", MODEL, RECIPE, VARIANTS, "seeds", "measure", "search");

    private final SpecJson specs = SpecJson.standard();
    private final Path file;
    private final Function<Optional<String>, Recipe> defaults;
    private final JsonPath root;

    StudyFile(Path file, Function<Optional<String>, Recipe> defaults) {
        this.file = file;
        this.defaults = defaults;
        this.root = JsonPath.root(file.toString());
    }

    Study read() {
        try {
            return read(JsonReader.read(file));
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }

    private Study read(Json json) {
        requireKeys(json, root, KEYS);
        String data = text(json, "data");
        String description = text(json, "description");
        Json recipe = specs.tree(defaults.apply(Optional.ofNullable(data)));
        Search search = search(json.get("search"));
        return located(
                json,
                root,
                () ->
                        new Study(
                                name(),
                                description == null ? "" : description,
                                data,
                                variants(json, recipe, search),
                                seeds(json.get("seeds")),
                                measure(json.get("measure")),
                                search));
    }

    private String name() {
        return file.toAbsolutePath().getFileName().toString().replaceFirst("\\.json$", "");
    }

    private static void requireKeys(Json json, JsonPath at, List<String> keys) {
        if (!(json instanceof Json.Obj object)) {
            throw at.error(json.line(), "expected an object, got " + json.compact());
        }
        object.members()
                .forEach(
                        (key, value) -> {
                            if (!keys.contains(key)) {
                                throw at.error(value.line(), JsonText.unknown("key", key, keys));
                            }
                        });
    }

    private @Nullable String text(Json json, String key) {
        Json value = json.get(key);
        if (value instanceof Json.Null) {
            return null;
        }
        return specs.read(value, root.key(key), String.class);
    }

    private @Nullable Search search(Json json) {
        return json instanceof Json.Null
                ? null
                : specs.read(json, root.key("search"), Search.class);
    }

    private List<Long> seeds(Json json) {
        JsonPath at = root.key("seeds");
        if (json instanceof Json.Null) {
            return List.of(0L);
        }
        if (json instanceof Json.Num) {
            int number = specs.read(json, at, Integer.class);
            if (number < 1 || number > Combination.MOST) {
                throw at.error(
                        json.line(),
                        "the number of seeds must be in [1, %d], got %d"
                                .formatted(Combination.MOST, number));
            }
            return LongStream.rangeClosed(1, number).boxed().toList();
        }
        if (!(json instanceof Json.Arr array)) {
            throw at.error(
                    json.line(),
                    "expected the number of seeds or an array of them, got " + json.compact());
        }
        List<Long> seeds = new ArrayList<>();
        for (Json item : array.items()) {
            seeds.add(specs.read(item, at.index(seeds.size()), Long.class));
        }
        return seeds;
    }

    private Score.@Nullable Choice measure(Json json) {
        if (json instanceof Json.Null) {
            return null;
        }
        if (json instanceof Json.Str name) {
            return new Score.Choice(
                    name.value(),
                    Goal.AUTO.maximizes(name.value())
                            ? Score.Direction.HIGHEST
                            : Score.Direction.LOWEST);
        }
        return specs.read(json, root.key("measure"), Score.Choice.class);
    }

    private List<Variant> variants(Json json, Json recipe, @Nullable Search search) {
        if (search == null) {
            return Combination.all(choices -> variant(json, recipe, choices, null));
        }
        List<Variant> drawn = new ArrayList<>();
        int width = String.valueOf(search.runs()).length();
        for (int i = 0; i < search.runs(); i++) {
            // A draw depends on its number alone, so that a search can be extended.
            SplittableRandom random = new SplittableRandom(search.seed() * 1_000_003 + i);
            String name = String.format(Locale.ROOT, "draw-%0" + width + "d", i + 1);
            drawn.add(variant(json, recipe, Combination.drawn(random), name));
        }
        if (drawn.get(0).settings().isEmpty()) {
            throw root.error(
                    json.line(),
                    "a search needs a range or alternatives in model or recipe, such as"
                            + " \"learningRate\": {\"range\": [1e-3, 1], \"scale\": \"log\"}");
        }
        return drawn;
    }

    private Variant variant(
            Json json, Json defaultRecipe, Combination choices, @Nullable String drawn) {
        Json model = json.get(MODEL);
        Json recipe = json.get(RECIPE);
        JsonPath modelAt = root.key(MODEL);
        JsonPath recipeAt = root.key(RECIPE);
        if (json.get(VARIANTS) instanceof Json.Obj named) {
            JsonPath at = root.key(VARIANTS);
            String name = choices.choose(named, at);
            Json chosen = named.get(name);
            requireKeys(chosen, at.key(name), List.of(MODEL, RECIPE));
            if (chosen.members().containsKey(MODEL)) {
                model = overridden(model, chosen.get(MODEL));
                modelAt = at.key(name).key(MODEL);
            }
            if (chosen.members().containsKey(RECIPE)) {
                recipe = overridden(recipe, chosen.get(RECIPE));
                recipeAt = at.key(name).key(RECIPE);
            }
        } else if (json.members().containsKey(VARIANTS)) {
            throw root.key(VARIANTS)
                    .error(
                            json.get(VARIANTS).line(),
                            "expected an object of named variants, got "
                                    + json.get(VARIANTS).compact());
        }
        if (model instanceof Json.Null) {
            throw root.error(
                    json.line(),
                    "model must be given: a preset, the path of a spec file, a spec, or {\"base\":"
                            + " ..., and what differs from it}");
        }
        ModelSource source = model(choices.resolve(model, modelAt), modelAt);
        Json chosenRecipe = choices.resolve(recipe, recipeAt);
        Recipe complete = recipe(chosenRecipe, recipeAt, defaultRecipe);
        String name = drawn != null ? drawn : choices.name();
        return new Variant(
                name.isEmpty() ? source.label() : name,
                source,
                complete,
                choices.settings(),
                fixesStepsAlone(chosenRecipe));
    }

    /** Merges into what may be a text, which is short for an object with that base. */
    private static Json overridden(Json value, Json change) {
        boolean complete = change.members().containsKey("format");
        Json target = value instanceof Json.Str ? Json.object(BASE, value) : value;
        return complete ? change : MergePatch.apply(target, change, Combination::isSlot);
    }

    private ModelSource model(Json json, JsonPath at) {
        if (json instanceof Json.Str name) {
            return located(json, at, () -> named(name.value()));
        }
        if (!(json instanceof Json.Obj object)) {
            throw at.error(
                    json.line(),
                    "expected a preset, the path of a spec file or a spec, got " + json.compact());
        }
        if (!object.members().containsKey(BASE)) {
            ModelSpec spec = specs.readModel(object, at);
            return ModelSource.of(spec.name(), spec);
        }
        Json base = object.get(BASE);
        ModelSource source = model(base, at.key(BASE));
        if (source.weights().isPresent()) {
            throw at.key(BASE)
                    .error(
                            base.line(),
                            "the base must be a preset or a spec file, got a saved model: its"
                                    + " weights do not fit a changed network");
        }
        Json merged = MergePatch.apply(specs.tree(source.spec()), object.without(BASE));
        return ModelSource.of(source.label(), specs.readModel(merged, at));
    }

    private ModelSource named(String name) {
        Path path = file.resolveSibling(name);
        boolean isFile = name.endsWith(".json") || name.endsWith(".safetensors");
        return Presets.find(name).isEmpty() && (isFile || Files.exists(path))
                ? ModelSource.of(path)
                : ModelSource.of(name);
    }

    private Recipe recipe(Json json, JsonPath at, Json defaultRecipe) {
        if (json instanceof Json.Null) {
            return specs.read(defaultRecipe, at, Recipe.class);
        }
        Json.Obj object =
                json instanceof Json.Obj given
                        ? given
                        : Json.object(BASE, specs.read(json, at, String.class));
        if (object.members().containsKey(SEED)) {
            throw at.key(SEED)
                    .error(
                            object.get(SEED).line(),
                            "the recipe of a study must not have a seed: set \"seeds\" of the"
                                    + " study");
        }
        Json base = shortened(defaultRecipe, object, at);
        if (object.members().containsKey(BASE)) {
            String name = specs.read(object.get(BASE), at.key(BASE), String.class);
            base = specs.tree(specs.read(file.resolveSibling(name), Recipe.class));
        }
        return specs.read(MergePatch.apply(base, object.without(BASE)), at, Recipe.class);
    }

    /** Returns true if a recipe sets the steps, but no warmup that fits them. */
    private static boolean fixesStepsAlone(Json recipe) {
        return recipe instanceof Json.Obj object
                && object.members().containsKey("steps")
                && !object.members().containsKey("warmupEpochs")
                && !object.members().containsKey(BASE);
    }

    /** Shortens the warmup of the default recipe, which may be longer than the study's epochs. */
    private Json shortened(Json defaultRecipe, Json.Obj recipe, JsonPath at) {
        if (!recipe.members().containsKey("epochs")) {
            return defaultRecipe;
        }
        int epochs = specs.read(recipe.get("epochs"), at.key("epochs"), Integer.class);
        Recipe whole = specs.read(defaultRecipe, at, Recipe.class);
        return epochs < 1 ? defaultRecipe : specs.tree(whole.withWarmupInsideEpochs(epochs));
    }

    /** Adds the place in the file to an error that does not name it. */
    private <T> T located(Json json, JsonPath at, Supplier<T> build) {
        try {
            return build.get();
        } catch (SpecException e) {
            String message = String.valueOf(e.getMessage());
            if (message.startsWith(file + ":")) {
                throw e;
            }
            JsonException located = at.error(json.line(), message, e);
            throw new SpecException(located);
        }
    }
}
