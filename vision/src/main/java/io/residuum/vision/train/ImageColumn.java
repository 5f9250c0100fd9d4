package io.residuum.vision.train;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.spec.InputSpec;
import io.residuum.spec.TypeName;
import io.residuum.train.rows.Cell;
import io.residuum.train.rows.ColumnContext;
import io.residuum.train.rows.ColumnEncoder;
import io.residuum.train.rows.ColumnSpec;
import io.residuum.train.samples.Tensor;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.image.Pictures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A column of paths of pictures, relative to the folder of the table. A picture is fitted to an
 * input of images and normalized as in evaluation.
 */
@TypeName("image")
public record ImageColumn() implements ColumnSpec {

    @Override
    public ColumnEncoder input(ColumnContext context) {
        if (!(context.input() instanceof InputSpec.Image input)) {
            throw new DataException(
                    "a picture must be read by an input of images, but the input is "
                            + context.input());
        }
        return new Decoder(
                context.folder(),
                input,
                ImageInputs.shape(input),
                ImageInputs.normalization(input));
    }

    private record Decoder(
            Path folder, InputSpec.Image input, ImageShape shape, Optional<Normalize> normalize)
            implements ColumnEncoder {
        @Override
        public Tensor encode(Cell cell) {
            Image image = new Image();
            try {
                PictureReader.DEFAULT.read(folder.resolve(cell.text()), image);
            } catch (DataException e) {
                throw cell.error(String.valueOf(e.getMessage()));
            }
            Pictures.fit(image, input);
            normalize.ifPresent(n -> n.apply(image));
            return new Tensor.Numbers(
                    Arrays.copyOf(image.values(), shape.length()),
                    new Shape(shape.channels(), shape.height(), shape.width()));
        }

        /** Pictures are decoded when they are needed, so only their presence is checked. */
        @Override
        public void check(Cell cell) {
            if (!Files.isRegularFile(folder.resolve(cell.text()))) {
                throw cell.error(
                        "must be the path of a picture, found no file "
                                + folder.resolve(cell.text()));
            }
        }
    }
}
