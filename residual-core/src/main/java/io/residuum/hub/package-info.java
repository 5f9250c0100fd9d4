/**
 * Files of model hubs and other web servers, by name: downloads that resume, checksums, a cache by
 * commit. Nothing here runs unless the user names a remote file.
 */
@NullMarked
package io.residuum.hub;

import org.jspecify.annotations.NullMarked;
