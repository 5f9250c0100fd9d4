package io.residuum.examples.cli.options;

/**
 * The options of a command for each kind of data. A kind refuses those of the others.
 *
 * @param text the options of text data
 * @param samples the options of sample text
 * @param pictures the options of image data
 */
public record DataOptions(TextOptions text, SampleOptions samples, PictureOptions pictures) {

    /** Creates the options of a command that generates no sample text. */
    public DataOptions(TextOptions text, PictureOptions pictures) {
        this(text, new SampleOptions(), pictures);
    }

    /** Fails if an option was given, for data that need none. */
    public void refuse() {
        pictures.refuse();
        ofPictures();
    }

    /** {@return the options of image data} Fails if another option was given. */
    public PictureOptions ofPictures() {
        text.refuse();
        samples.refuse();
        return pictures;
    }

    /** {@return the options of text data} Fails if another option was given, or {@code --task}. */
    public TextOptions ofLabelledText() {
        pictures.refuse();
        text.refuseTask();
        samples.refuse();
        return text;
    }
}
