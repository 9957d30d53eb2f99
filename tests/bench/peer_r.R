# data.table and vroom, of R.
#
#   Rscript peer_r.R fread|vroom FILE THREADS     the types are those of FILE.schema
#
# R has no unsigned integers of 64 bits: they become doubles.

arguments <- commandArgs(trailingOnly = TRUE)
peer <- arguments[1]
path <- arguments[2]
threads <- as.integer(arguments[3])
fields <- strsplit(strsplit(readLines(paste0(path, ".schema")), ",")[[1]], ":")
kinds <- sub("[0-9]*$", "", vapply(fields, `[`, "", 2))
widths <- vapply(fields, `[`, "", 2)

now <- function() as.numeric(Sys.time())
type <- function(float, integer, long, time, text)
  unname(ifelse(widths == "i64", long, ifelse(kinds == "i", integer, ifelse(kinds %in% c("f", "u"), float,
    ifelse(grepl("^timestamp", kinds), time, text)))))

if (peer == "fread") {
  suppressMessages(library(data.table))
  setDTthreads(threads)
  classes <- type("numeric", "integer", "integer64", "POSIXct", "character")
  started <- now()
  table <- fread(path, sep = ",", header = TRUE, colClasses = classes, nThread = threads, showProgress = FALSE)
} else {
  suppressMessages(library(vroom))
  classes <- paste(type("d", "i", "I", "T", "c"), collapse = "")
  started <- now()
  table <- vroom(path, delim = ",", col_types = classes, num_threads = threads, altrep = FALSE, progress = FALSE)
}
cat(sprintf('{"seconds": %.6f, "records": %d}\n', now() - started, nrow(table)))
