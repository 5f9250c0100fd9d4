package io.residuum.examples.spring.boot;

import io.micrometer.core.instrument.MeterRegistry;
import io.residuum.examples.http.BatchingClassifier;
import io.residuum.examples.http.NativeMemory;
import io.residuum.vision.predict.ImageClassifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Starts the service: {@code --residuum.model=MODEL}, and any other property of Spring Boot. */
@SpringBootApplication(proxyBeanMethods = false)
public class ClassifierApplication {

    /** Creates the configuration. */
    public ClassifierApplication() {}

    /**
     * Starts the service.
     *
     * @param args properties, such as {@code --residuum.model=runs/first}
     */
    public static void main(String[] args) {
        SpringApplication.run(ClassifierApplication.class, args);
    }

    // tag::bean
    /** Opens the model once. Spring closes the classifier when the service ends. */
    @Bean
    BatchingClassifier classifier(
            @Value("${residuum.model}") String model,
            @Value("${residuum.batch}") int batch,
            @Value("${residuum.queue}") int queue,
            MeterRegistry registry) {
        return new BatchingClassifier(ImageClassifier.open(model), batch, queue, registry);
    }

    // end::bean

    @Bean
    NativeMemory nativeMemory() {
        return new NativeMemory();
    }

    @Bean
    HealthIndicator modelHealthIndicator(
            BatchingClassifier classifier, @Value("${residuum.model}") String model) {
        return () ->
                (classifier.isRunning() ? Health.up() : Health.down())
                        .withDetail("model", model)
                        .build();
    }
}
