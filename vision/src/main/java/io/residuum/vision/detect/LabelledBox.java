package io.residuum.vision.detect;

/**
 * An object in an image.
 *
 * @param label its class
 * @param box its rectangle
 * @param kind what a network must do with it
 */
public record LabelledBox(int label, BoundingBox box, Kind kind) {

    /** The treatment of an object in training and evaluation. */
    public enum Kind {
        /** An object to be found once. */
        OBJECT,
        /**
         * A crowd, which COCO annotates as one box: any number of detections inside it count for
         * nothing.
         */
        CROWD,
        /**
         * An object that counts for nothing, found or not, such as one that PASCAL VOC calls
         * difficult.
         */
        IGNORED
    }

    /**
     * Creates an object that must be found.
     *
     * @param label its class
     * @param box its rectangle
     */
    public LabelledBox(int label, BoundingBox box) {
        this(label, box, Kind.OBJECT);
    }

    /** {@return true if the object need not be found} */
    public boolean ignored() {
        return kind != Kind.OBJECT;
    }
}
