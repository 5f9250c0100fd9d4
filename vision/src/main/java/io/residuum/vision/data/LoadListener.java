package io.residuum.vision.data;

import org.slf4j.LoggerFactory;

/** Receives what happens while images are opened. */
public interface LoadListener {
    /** Logs files that are left out. */
    LoadListener LOG =
            new LoadListener() {
                @Override
                public void leftOut(LeftOut files) {
                    LoggerFactory.getLogger(LoadListener.class).warn("{}", files);
                }
            };

    /** Called once for each folder from which files are left out. */
    void leftOut(LeftOut files);

    /**
     * Called when pictures have been checked. Calls come from several threads, one at a time.
     *
     * @param done the number of pictures checked
     * @param total the number of pictures to check
     */
    default void checked(int done, int total) {}
}
