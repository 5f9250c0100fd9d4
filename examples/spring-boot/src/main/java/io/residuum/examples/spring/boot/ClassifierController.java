package io.residuum.examples.spring.boot;

import io.residuum.data.DataException;
import io.residuum.examples.http.BatchingClassifier;
import io.residuum.model.ClassProbability;
import io.residuum.vision.predict.ImageInput;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** Classifies an uploaded picture. */
@RestController
class ClassifierController {

    /**
     * The answer.
     *
     * @param classes the most probable classes
     */
    record Answer(List<ClassProbability> classes) {}

    private final BatchingClassifier classifier;

    ClassifierController(BatchingClassifier classifier) {
        this.classifier = classifier;
    }

    @PostMapping("/classify")
    CompletableFuture<Answer> classify(
            @RequestParam("file") MultipartFile file,
            @RequestParam(name = "top", defaultValue = "5") int top)
            throws IOException {
        if (top < 1) {
            throw new IllegalArgumentException("top must be 1 or more, got " + top);
        }
        return classifier
                .classify(ImageInput.of(file.getBytes()))
                .thenApply(found -> new Answer(found.top(top)));
    }

    @ExceptionHandler({DataException.class, IllegalArgumentException.class})
    ProblemDetail invalid(RuntimeException e) {
        return problem(HttpStatus.BAD_REQUEST, e);
    }

    @ExceptionHandler(RejectedExecutionException.class)
    ProblemDetail busy(RejectedExecutionException e) {
        return problem(HttpStatus.SERVICE_UNAVAILABLE, e);
    }

    private static ProblemDetail problem(HttpStatus status, RuntimeException e) {
        return ProblemDetail.forStatusAndDetail(status, String.valueOf(e.getMessage()));
    }
}
