package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site has every page, and its links lead somewhere. */
class SiteTest {
    private static final Path ROOT =
            Path.of(System.getProperty("basedir", ".")).resolve("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile(" id=\"([^\"]*)\"");

    @TempDir static Path site;

    private static List<MarkdownPage> pages;

    @BeforeAll
    static void write() throws IOException {
        pages = Site.write(ROOT, site);
    }

    @Test
    void everyGuideIsAPage() throws IOException {
        for (Guide guide : Guide.all()) {
            String path = MarkdownPage.sitePath(ROOT, guide.file().toAbsolutePath());
            assertTrue(Files.exists(site.resolve(path)), path);
        }
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        Map<Path, Set<String>> ids = new HashMap<>();
        Set<String> dead = new TreeSet<>();
        int links = 0;
        for (Path page : htmlFiles()) {
            for (String link : found(LINK, page)) {
                // The Javadoc is written by the command only.
                if (link.contains("://") || link.endsWith("api/index.html")) {
                    continue;
                }
                links++;
                URI uri = URI.create(link.replace(" ", "%20"));
                Path target =
                        uri.getPath().isEmpty()
                                ? page
                                : page.resolveSibling(uri.getPath()).normalize();
                boolean there = Files.isRegularFile(target);
                if (there && uri.getFragment() != null) {
                    if (!ids.containsKey(target)) {
                        ids.put(target, found(ID, target));
                    }
                    there = ids.get(target).contains(uri.getFragment());
                }
                if (!there) {
                    dead.add(site.relativize(page) + " -> " + link);
                }
            }
        }
        assertEquals(Set.of(), dead);
        assertTrue(links > 1000, "found only " + links);
    }

    @Test
    void everySectionCanBeFound() throws IOException {
        String index = Files.readString(site.resolve("search.js"));
        int sections = pages.stream().mapToInt(page -> page.sections().size()).sum();
        assertEquals(sections, index.split("\\{url: ", -1).length - 1);
        assertTrue(index.contains("{url: \"zoo.html#presets\", page: \"Model zoo\""), "no zoo");
    }

    private static List<Path> htmlFiles() throws IOException {
        try (Stream<Path> files = Files.walk(site)) {
            return files.filter(file -> file.toString().endsWith(".html")).toList();
        }
    }

    private static Set<String> found(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }
}
