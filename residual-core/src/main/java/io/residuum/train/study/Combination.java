package io.residuum.train.study;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonText;
import io.residuum.spec.SpecException;
import io.residuum.train.study.Variant.Setting;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One choice in every slot of a study file. A slot is an object with alternatives, {@code {"oneOf":
 * ...}}, or a {@link Range}. Slots with the same {@code "with"} take alternatives of the same
 * index.
 *
 * <p>Alternatives may hold slots, so the slots of a file are not known before the first choice.
 * {@link #all} therefore resolves the file again for each combination, with the choices of the last
 * one, except the last slot that has a next alternative.
 */
final class Combination {
    private static final String ONE_OF = "oneOf";
    private static final String WITH = "with";
    private static final int LONGEST_NAME = 40;

    /** The largest number of variants, draws or seeds of a study. */
    static final int MOST = 10_000;

    private record Group(int choice, Alternatives alternatives, JsonPath at) {}

    /** The alternatives of a slot by name; the names of a list are made from its values. */
    private record Alternatives(Map<String, Json> values, boolean named) {}

    private final List<Integer> choices;
    private final List<Integer> sizes = new ArrayList<>();
    private final @Nullable SplittableRandom random;
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private final Set<String> names = new LinkedHashSet<>();
    private final List<Setting> settings = new ArrayList<>();

    private Combination(List<Integer> choices, @Nullable SplittableRandom random) {
        this.choices = choices;
        this.random = random;
    }

    /** Builds a value of every combination, the last slot varying fastest. */
    static <T> List<T> all(Function<Combination, T> build) {
        List<T> built = new ArrayList<>();
        List<Integer> next = new ArrayList<>();
        while (next != null) {
            Combination combination = new Combination(next, null);
            built.add(build.apply(combination));
            if (built.size() > MOST) {
                throw new SpecException(
                        "a study must have at most %d variants, got more: pair slots by \"with\""
                                        .formatted(MOST)
                                + " or use a search");
            }
            next = combination.following();
        }
        return built;
    }

    /** Returns a combination that is drawn at random. */
    static Combination drawn(SplittableRandom random) {
        return new Combination(new ArrayList<>(), random);
    }

    private @Nullable List<Integer> following() {
        for (int i = sizes.size() - 1; i >= 0; i--) {
            if (choices.get(i) + 1 < sizes.get(i)) {
                List<Integer> next = new ArrayList<>(choices.subList(0, i));
                next.add(choices.get(i) + 1);
                return next;
            }
        }
        return null;
    }

    /** Returns the name of the combination; empty if nothing was chosen. */
    String name() {
        return String.join(", ", names);
    }

    List<Setting> settings() {
        return settings;
    }

    static boolean isSlot(Json json) {
        return json.members().containsKey(ONE_OF) || Range.isRange(json);
    }

    /** Replaces all slots of a value by what is chosen. */
    Json resolve(Json json, JsonPath at) {
        if (json.members().containsKey(ONE_OF)) {
            return resolve(chosen((Json.Obj) json, at), at);
        }
        if (Range.isRange(json)) {
            return number(json, at);
        }
        if (json instanceof Json.Obj object) {
            Map<String, Json> members = new LinkedHashMap<>();
            object.members().forEach((key, value) -> members.put(key, resolve(value, at.key(key))));
            return new Json.Obj(object.line(), members);
        }
        if (json instanceof Json.Arr array) {
            List<Json> items = new ArrayList<>();
            for (Json item : array.items()) {
                items.add(resolve(item, at.index(items.size())));
            }
            return new Json.Arr(array.line(), items);
        }
        return json;
    }

    private Json chosen(Json.Obj slot, JsonPath at) {
        for (String key : slot.members().keySet()) {
            if (!key.equals(ONE_OF) && !key.equals(WITH)) {
                throw at.error(
                        slot.get(key).line(), JsonText.unknown("key", key, List.of(ONE_OF, WITH)));
            }
        }
        Json with = slot.get(WITH);
        if (slot.members().containsKey(WITH) && !(with instanceof Json.Str)) {
            throw at.key(WITH)
                    .error(
                            with.line(),
                            "expected the name that slots share which take alternatives of the same"
                                    + " index, got "
                                    + with.compact());
        }
        Alternatives alternatives = alternatives(slot.get(ONE_OF), at.key(ONE_OF));
        String group = with.string("");
        int choice =
                group.isEmpty()
                        ? choose(alternatives.values.size())
                        : paired(group, alternatives, slot, at);
        String name = List.copyOf(alternatives.values.keySet()).get(choice);
        add(name, alternatives.named, at);
        return List.copyOf(alternatives.values.values()).get(choice);
    }

    /** Chooses one of the named values of an object, the study's variants. */
    String choose(Json.Obj variants, JsonPath at) {
        Alternatives alternatives = alternatives(variants, at);
        String name =
                List.copyOf(alternatives.values.keySet()).get(choose(variants.members().size()));
        add(name, true, at);
        return name;
    }

    private void add(String name, boolean named, JsonPath at) {
        Setting setting = new Setting(at.toString().replaceFirst("^\\$\\.", ""), name, null);
        settings.add(setting);
        names.add(
                named || setting.path().equals(StudyFile.MODEL)
                        ? name
                        : setting.key() + "=" + name);
    }

    private int paired(String group, Alternatives alternatives, Json.Obj slot, JsonPath at) {
        Group known = groups.get(group);
        if (known == null) {
            int choice = choose(alternatives.values.size());
            groups.put(group, new Group(choice, alternatives, at));
            return choice;
        }
        if (known.alternatives.values.size() != alternatives.values.size()) {
            throw at.error(
                    slot.line(),
                    "slots with \"with\": \"%s\" must have equally many alternatives, got %d here and %d in %s"
                            .formatted(
                                    group,
                                    alternatives.values.size(),
                                    known.alternatives.values.size(),
                                    known.at));
        }
        List<String> names = List.copyOf(alternatives.values.keySet());
        List<String> others = List.copyOf(known.alternatives.values.keySet());
        if (alternatives.named && known.alternatives.named && !names.equals(others)) {
            throw at.error(
                    slot.line(),
                    "slots with \"with\": \"%s\" must have the same names in the same order, got %s here and %s in %s"
                            .formatted(group, names, others, known.at));
        }
        return known.choice;
    }

    private int choose(int size) {
        int i = sizes.size();
        sizes.add(size);
        if (i == choices.size()) {
            choices.add(random == null ? 0 : random.nextInt(size));
        }
        return choices.get(i);
    }

    private Json number(Json json, JsonPath at) {
        if (random == null) {
            throw at.error(
                    json.line(),
                    "a range needs a search: add \"search\": {\"type\": \"random\", \"runs\": 20},"
                            + " or use \"oneOf\"");
        }
        Range range = Range.read(json, at);
        String value = range.draw(random);
        settings.add(new Setting(at.toString().replaceFirst("^\\$\\.", ""), value, range));
        return new Json.Num(json.line(), value);
    }

    private static Alternatives alternatives(Json json, JsonPath at) {
        Map<String, Json> values = new LinkedHashMap<>();
        if (json instanceof Json.Obj object) {
            values.putAll(object.members());
        } else if (json instanceof Json.Arr array) {
            for (Json item : array.items()) {
                if (values.put(name(item), item) != null) {
                    throw at.error(
                            item.line(),
                            "alternatives must have different names, got %s twice: name them, {\"first\": ..., \"second\": ...}"
                                    .formatted(JsonText.quote(name(item))));
                }
            }
        } else {
            throw at.error(
                    json.line(),
                    "expected an array of alternatives, or an object of named ones, got "
                            + json.compact());
        }
        if (values.isEmpty()) {
            throw at.error(json.line(), "alternatives must be one or more, got none");
        }
        if (values.keySet().stream().anyMatch(String::isBlank)) {
            throw at.error(json.line(), "alternatives must have names, got a blank one");
        }
        return new Alternatives(values, json instanceof Json.Obj);
    }

    /** Returns what a value is called if the file does not name it. */
    private static String name(Json value) {
        if (value instanceof Json.Str text) {
            return text.value().replaceFirst(".*[/\\\\]", "").replaceFirst("\\.json$", "");
        }
        if (value instanceof Json.Null) {
            return "none";
        }
        Collection<String> keys = value.members().keySet();
        String type = value.get("type").string(value.get(StudyFile.BASE).string(""));
        if (keys.size() == 1 && !type.isEmpty()) {
            return type;
        }
        String text = value.compact().replaceAll("[\"{}]", "");
        return text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME);
    }
}
