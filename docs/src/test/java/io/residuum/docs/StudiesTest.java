package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.train.study.Study;
import io.residuum.train.study.StudyData;
import io.residuum.train.study.StudyListener;
import io.residuum.train.study.StudyResult;
import io.residuum.train.study.StudyRunner;
import io.residuum.train.study.VariantResult;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.train.ImageClassification;
import io.residuum.vision.train.ImageInputs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

/** The listings of the guide "Studies". */
class StudiesTest {
    @TempDir Path temporary;

    @Test
    void aStudyRunsFromJava() {
        Path file = Guide.resource("studies/rates.json");
        Path folder = temporary.resolve("rates");
        StudyResult result;
        // tag::study
        Study study = Study.read(file);
        StudyData data =
                (model, recipe) -> {
                    DataSplits digits =
                            DataSource.parse("digits:train=64,test=20")
                                    .forTraining(ImageInputs.shape(model.spec()));
                    return new StudyData.Opened(
                            new ImageClassification(digits), model.spec(), () -> {});
                };
        try (Backend backend = Backend.open()) {
            result = new StudyRunner(study, data, backend, folder, StudyListener.NONE).start();
        }
        for (VariantResult variant : result.rows()) {
            String name = variant.variant().name();
            System.out.println(name + " " + variant.spread("test accuracy"));
        }
        // end::study
        assertEquals(2, result.variants().size());
        assertTrue(Files.exists(folder.resolve("report.html")));
    }
}
