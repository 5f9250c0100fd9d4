package io.residuum.spec.layers;

import io.residuum.nn.Init;
import io.residuum.nn.Init.Fan;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Defaults;

/** A setting for the initialization of weights. */
public sealed interface InitSpec
        permits InitSpec.HeNormal,
                InitSpec.HeUniform,
                InitSpec.XavierNormal,
                InitSpec.XavierUniform,
                InitSpec.LecunNormal,
                InitSpec.Normal,
                InitSpec.TruncatedNormal,
                InitSpec.Uniform,
                InitSpec.Constant {

    /** The initialization of the reference ResNets: He et al. 2015, normal, fan-out. */
    InitSpec HE = Defaults.of(HeNormal.class);

    /** {@return the initialization} */
    Init toInit();

    /**
     * Normal with variance 2 / fan (He et al. 2015, "Delving Deep into Rectifiers", Section 2.2).
     *
     * @param fan the connections to count: {@code in}, {@code out} or {@code average}. Default: out
     */
    @TypeName("heNormal")
    record HeNormal(@Default("\"out\"") Fan fan) implements InitSpec {
        @Override
        public Init toInit() {
            return Init.fanNormal(fan, Math.sqrt(2));
        }
    }

    /**
     * Uniform with variance 2 / fan (He et al. 2015).
     *
     * @param fan the connections to count: {@code in}, {@code out} or {@code average}. Default: in
     */
    @TypeName("heUniform")
    record HeUniform(@Default("\"in\"") Fan fan) implements InitSpec {
        @Override
        public Init toInit() {
            return Init.fanUniform(fan, Math.sqrt(2));
        }
    }

    /** Normal with variance 2 / (fan in + fan out) (Glorot and Bengio 2010, Equation 12). */
    @TypeName("xavierNormal")
    record XavierNormal() implements InitSpec {
        @Override
        public Init toInit() {
            return Init.fanNormal(Fan.AVERAGE, 1);
        }
    }

    /** Uniform with variance 2 / (fan in + fan out) (Glorot and Bengio 2010, Equation 16). */
    @TypeName("xavierUniform")
    record XavierUniform() implements InitSpec {
        @Override
        public Init toInit() {
            return Init.fanUniform(Fan.AVERAGE, 1);
        }
    }

    /** Normal with variance 1 / fan in (LeCun et al. 1998, "Efficient BackProp", Section 4.6). */
    @TypeName("lecunNormal")
    record LecunNormal() implements InitSpec {
        @Override
        public Init toInit() {
            return Init.fanNormal(Fan.IN, 1);
        }
    }

    /**
     * Normal around 0.
     *
     * @param std the standard deviation, positive
     */
    @TypeName("normal")
    record Normal(double std) implements InitSpec {
        public Normal {
            Check.positive("std", std);
        }

        @Override
        public Init toInit() {
            return Init.normal(std);
        }
    }

    /**
     * Normal, cut off at two standard deviations (Dosovitskiy et al. 2021 and timm use std 0.02).
     *
     * @param std the standard deviation before the cut. Default: 0.02
     */
    @TypeName("truncatedNormal")
    record TruncatedNormal(@Default("0.02") double std) implements InitSpec {
        public TruncatedNormal {
            Check.positive("std", std);
        }

        @Override
        public Init toInit() {
            return Init.truncatedNormal(std);
        }
    }

    /**
     * Uniform around 0.
     *
     * @param bound the largest absolute value, positive
     */
    @TypeName("uniform")
    record Uniform(double bound) implements InitSpec {
        public Uniform {
            Check.positive("bound", bound);
        }

        @Override
        public Init toInit() {
            return Init.uniform(bound);
        }
    }

    /**
     * One value everywhere.
     *
     * @param value the value, finite
     */
    @TypeName("constant")
    record Constant(double value) implements InitSpec {
        public Constant {
            Check.finite("value", value);
        }

        @Override
        public Init toInit() {
            return Init.constant((float) value);
        }
    }
}
