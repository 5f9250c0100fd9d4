package io.residuum.spec.json;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.residual.CoreLayers;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Shorthand;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records with every kind of component that JSON can hold. */
final class Fixtures {
    private Fixtures() {}

    /** The core's layers and one of a user. */
    static SpecJson json() {
        return new SpecJson(layers());
    }

    static List<Class<? extends Record>> layers() {
        List<Class<? extends Record>> layers = new ArrayList<>(new CoreLayers().records());
        layers.add(Everything.class);
        return layers;
    }

    enum Order {
        PRE_NORM,
        POST_NORM,
        A
    }

    sealed interface Rate {
        @TypeName("zero")
        record Zero() implements Rate {}

        @TypeName("fixed")
        record Fixed(double value) implements Rate {}

        @TypeName("curve")
        record Curve(List<Double> points, @Default("\"zero\"") Rate after) implements Rate {}

        @Shorthand
        static Rate of(double value) {
            return value == 0 ? new Zero() : new Fixed(value);
        }
    }

    /** A type whose string form is its own. */
    sealed interface Policy {
        @TypeName("letter")
        record Letter(String name) implements Policy {
            public Letter {
                Check.that(name.length() == 1, "name must be one letter, got \"%s\"", name);
            }
        }

        @TypeName("all")
        record All() implements Policy {}

        @Shorthand
        static Policy of(String letter) {
            return new Letter(letter);
        }
    }

    @TypeName("everything")
    @Doc("One of each.")
    record Everything(
            @Default("\"\"") String name,
            @Default("false") boolean flag,
            @Default("7") @Doc("A small number.") int small,
            @Default("-1") long large,
            @Default("0.5") double real,
            @Nullable Integer maybe,
            @Default("3") @Nullable Double nullable,
            @Default("\"pre-norm\"") Order order,
            @Default("[1, 2]") List<Integer> sizes,
            @Default("{\"a\": 1}") Map<String, Rate> rates,
            @Default("0") Rate rate,
            @Default("\"A\"") Policy policy)
            implements LayerSpec {
        Everything {
            Check.positive("small", small);
            Math.multiplyExact(large, 2L);
            Check.that(small < 100 || flag, "the flag must be set for numbers from 100");
        }

        @Override
        public Layer newBlock(Shape input) {
            throw new UnsupportedOperationException();
        }
    }

    /** A document without layers, as a training recipe is. */
    record Recipe(String data, @Default("10") int epochs, @Default("0.1") Rate rate) {}
}
