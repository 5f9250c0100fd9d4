package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.HasConstants;
import io.residuum.nn.trait.ResizableTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An image as a sequence, {@code (N, C, H, W) -> (N, P + H' W', width)}. */
final class PatchEmbeddingBlock extends Layer implements HasConstants, ResizableTable {
    private final Layer projection;
    private final List<Parameter> tokens = new ArrayList<>();
    private final @Nullable Parameter registers;
    private final Grid grid;
    private final boolean tokenPositions;
    private final boolean registerPositions;
    private final Layer norm;
    private final @Nullable Parameter position;
    private final Layer dropout;

    /** Creates the block for an input {@code (-1, C, H, W)}. */
    PatchEmbeddingBlock(Shape input, PatchEmbedding spec) {
        super(input);
        requireRank("patch embedding", input, 4);
        Init init = spec.init().toInit();
        Shape patch = new Shape(spec.patch().height(), spec.patch().width());
        ConvolutionBlock.Geometry geometry =
                new ConvolutionBlock.Geometry(
                        spec.width(), patch, patch, Padding.NONE, new Shape(1, 1), 1);
        projection =
                child(
                        "projection",
                        new ConvolutionBlock(input, geometry, spec.bias(), init, Init.ZEROS));
        for (String token : spec.tokens()) {
            tokens.add(parameter(token, Parameter.Type.WEIGHT, init, 1, 1, spec.width()));
        }
        registers =
                spec.registers() == 0
                        ? null
                        : parameter(
                                "registers",
                                Parameter.Type.WEIGHT,
                                init,
                                1,
                                spec.registers(),
                                spec.width());
        grid =
                spec.grid().height() == 0
                        ? grid(projection.outputShape())
                        : new Grid(spec.grid().height(), spec.grid().width());
        tokenPositions = spec.tokenPositions();
        registerPositions = spec.registerPositions();
        Grid all = grid(projection.outputShape());
        norm = optionalChild("norm", spec.norm().newBlock(new Shape(-1, all.size(), spec.width())));
        position =
                spec.positions()
                        ? parameter(
                                "position",
                                Parameter.Type.WEIGHT,
                                init,
                                1,
                                tokenRows() + grid.size(),
                                spec.width())
                        : null;
        Shape output = outputShape();
        dropout = optionalChild("dropout", DropoutBlock.of(output, spec.dropout()));
    }

    /** {@return the token that replaces hidden patches in pretraining only} */
    @Override
    public Map<String, Constant> constants() {
        return Map.of("mask", Constant.zeros(1, projection.outputShape().get(1)));
    }

    private static Grid grid(Shape image) {
        return new Grid(Math.toIntExact(image.get(2)), Math.toIntExact(image.get(3)));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray image = projection.forward(pass, x);
        Shape s = image.getShape();
        NDArray rows = image.reshape(-1, s.get(1), s.get(2) * s.get(3)).transpose(0, 2, 1);
        NDArray patches = norm.forward(pass, rows);
        NDArray positions = position == null ? null : positions(pass, position, grid(s));
        NDArray y;
        if (positions == null) {
            y = withTokens(pass, patches);
        } else if (registerPositions) {
            NDArray all = withRegisters(pass, withTokens(pass, patches));
            return dropout.forward(pass, all.add(positions));
        } else if (tokenPositions) {
            y = withTokens(pass, patches).add(positions);
        } else {
            y = withTokens(pass, patches.add(positions));
        }
        return dropout.forward(pass, withRegisters(pass, y));
    }

    /** Adds the registers between the tokens and the patches. */
    private NDArray withRegisters(ForwardPass pass, NDArray x) {
        if (registers == null) {
            return x;
        }
        NDArray rows = repeated(pass, registers, x.getShape().get(0));
        int before = tokens.size();
        NDList parts = new NDList(rows, x.get(new NDIndex(":, {}:", before)));
        if (before > 0) {
            parts.add(0, x.get(new NDIndex(":, 0:{}", before)));
        }
        return NDArrays.concat(parts, 1);
    }

    private static NDArray repeated(ForwardPass pass, Parameter token, long batch) {
        NDArray value = pass.value(token);
        NDArray row = value.repeat(0, batch);
        // For a batch of one, MXNet returns the parameter itself, which must stay open.
        if (row != value) {
            row.attach(pass.manager());
        }
        return row;
    }

    private NDArray withTokens(ForwardPass pass, NDArray patches) {
        if (tokens.isEmpty()) {
            return patches;
        }
        NDList parts = new NDList();
        long batch = patches.getShape().get(0);
        for (Parameter token : tokens) {
            parts.add(repeated(pass, token, batch));
        }
        parts.add(patches);
        return NDArrays.concat(parts, 1);
    }

    /** {@return the positions, interpolated if the image has another grid} */
    private NDArray positions(ForwardPass pass, Parameter parameter, Grid actual) {
        NDArray positions = pass.value(parameter);
        if (actual.equals(grid)) {
            return positions;
        }
        int before = tokenRows();
        NDArray resize = pass.shared(new Grid.Resize(grid, actual, positions.getDataType()));
        NDArray learned = positions.get(new NDIndex("0, {}:", before));
        learned.attach(pass.manager());
        NDArray resized = resize.matMul(learned).expandDims(0);
        if (before == 0) {
            return resized;
        }
        NDArray first = positions.get(new NDIndex(":, 0:{}", before));
        first.attach(pass.manager());
        return NDArrays.concat(new NDList(first, resized), 1);
    }

    /** Resizes tables of positions of a square grid, as timm does. */
    @Override
    public Optional<String> resizing(String parameter, long... found) {
        return square(parameter, found)
                .map(
                        from ->
                                "positions of %dx%d patches interpolated to %dx%d"
                                        .formatted(
                                                from.rows(),
                                                from.columns(),
                                                grid.rows(),
                                                grid.columns()));
    }

    @Override
    public float[] resize(String parameter, float[] values, long... found) {
        Grid from = square(parameter, found).orElseThrow();
        int width = Math.toIntExact(found[2]);
        int before = tokenRows() * width;
        float[] resized = from.antialiased(grid, values, before, width);
        float[] all = Arrays.copyOf(values, before + resized.length);
        System.arraycopy(resized, 0, all, before, resized.length);
        return all;
    }

    private int tokenRows() {
        int positioned = tokenPositions ? tokens.size() : 0;
        return positioned + (registerPositions ? registers() : 0);
    }

    /** {@return the square grid of another table for the same tokens and width, if it has one} */
    private Optional<Grid> square(String parameter, long... found) {
        boolean fits =
                parameter.equals("position")
                        && position != null
                        && found.length == 3
                        && found[0] == 1
                        && found[2] == position.getShape().get(2);
        long patches = fits ? found[1] - tokenRows() : 0;
        int side = (int) Math.round(Math.sqrt(patches));
        return patches > 0 && (long) side * side == patches
                ? Optional.of(new Grid(side, side))
                : Optional.empty();
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape image = projection.outputShape(in);
        long patches = Shapes.product(image.get(2), image.get(3));
        return new Shape(in.get(0), tokens.size() + registers() + patches, image.get(1));
    }

    private int registers() {
        return registers == null ? 0 : Math.toIntExact(registers.getShape().get(1));
    }

    /** Counts the transposed patches and the sum. */
    @Override
    public long activations(Shape in) {
        Shape out = outputShape(in);
        return Shapes.product(2, out.get(1), out.get(2));
    }

    @Override
    public String describe() {
        String before =
                switch (tokens.size()) {
                    case 0 -> "";
                    case 1 -> ", 1 token ahead";
                    default -> ", " + tokens.size() + " tokens ahead";
                };
        return "PatchEmbedding(" + grid.rows() + "x" + grid.columns() + " patches" + before + ")";
    }
}
