package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages show what the tests run, and link to what is there. */
class GuidesTest {
    private static final String UPDATE =
            " is out of date; to update it: ./mvnw test -pl docs -am -Dtest=GuidesTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dresiduum.update=true\n";

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s#]*)(#[^)\\s]*)?\\)");

    /** Anchors by page, because many links lead to one page. */
    private static final Map<Path, Set<String>> ANCHORS = new ConcurrentHashMap<>();

    static List<Path> pages() throws IOException {
        return Guide.all().stream().map(Guide::file).toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void listingsAreTheRegionsThatRun(Path page) throws IOException {
        Guide guide = new Guide(page);
        String current = guide.current();
        if (Boolean.getBoolean("residuum.update")) {
            guide.write(current);
        }
        assertEquals(current, guide.text(), page + UPDATE);
        assertEquals(List.of(), guide.unmarkedFences(), "listings that no test runs");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhere(Path page) {
        String text = new Guide(page).current();
        Set<String> dead =
                LINK.matcher(text)
                        .results()
                        .filter(m -> !m.group(1).contains("://"))
                        .filter(m -> !leads(page, m.group(1), m.group(2)))
                        .map(m -> m.group())
                        .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), dead);
    }

    private static boolean leads(Path page, String file, String anchor) {
        Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        return Files.exists(target)
                && (anchor == null
                        || ANCHORS.computeIfAbsent(target, GuidesTest::anchors)
                                .contains(anchor.substring(1)));
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(Path page) {
        return new Guide(page)
                .current()
                .lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ +", "").toLowerCase(Locale.ROOT))
                .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void everyResourceIsShown() throws IOException {
        Set<String> shown =
                Guide.all().stream()
                        .flatMap(g -> g.resources().stream())
                        .collect(Collectors.toCollection(TreeSet::new));
        try (var files = Files.walk(Guide.resource(""))) {
            List<String> hidden =
                    files.filter(Files::isRegularFile)
                            .map(
                                    f ->
                                            Guide.resource("")
                                                    .relativize(f)
                                                    .toString()
                                                    .replace('\\', '/'))
                            .filter(f -> !f.startsWith("errors/"))
                            .filter(f -> !shown.contains(f))
                            .toList();
            assertEquals(List.of(), hidden);
        }
        assertTrue(shown.size() > 20, "found only " + shown);
    }
}
