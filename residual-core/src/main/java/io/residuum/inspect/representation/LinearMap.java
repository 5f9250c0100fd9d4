package io.residuum.inspect.representation;

/** A matrix that is known by its products. */
interface LinearMap {
    /** Returns the number of columns. */
    int inputs();

    /** Returns the number of rows. */
    int outputs();

    /** Returns the product with a vector. */
    double[] times(double[] v);

    /** Returns the product of the transpose with a vector. */
    double[] transposedTimes(double[] u);

    /** Returns the transpose. */
    default LinearMap transposed() {
        LinearMap map = this;
        return new LinearMap() {
            @Override
            public int inputs() {
                return map.outputs();
            }

            @Override
            public int outputs() {
                return map.inputs();
            }

            @Override
            public double[] times(double[] v) {
                return map.transposedTimes(v);
            }

            @Override
            public double[] transposedTimes(double[] u) {
                return map.times(u);
            }
        };
    }
}
