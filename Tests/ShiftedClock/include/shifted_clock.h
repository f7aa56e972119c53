/*
 * A clock that differs from the machine's: loaded into a program with LD_PRELOAD, it adds the number of seconds that stands in the
 * first eight bytes of the file that SHIFTED_CLOCK names to every time of day that the program reads. The file may be written
 * to while the program runs. Clocks that only count on, by which programs measure, are left alone.
 */
#ifndef SHIFTED_CLOCK_H
#define SHIFTED_CLOCK_H

#define SHIFTED_CLOCK_VARIABLE "SHIFTED_CLOCK"

#endif
