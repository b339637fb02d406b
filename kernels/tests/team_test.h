// Teams that fail: the part of the self-test about sharing work between threads.
#pragma once

// Returns how much was wrong, and says what.
int check_teams();
