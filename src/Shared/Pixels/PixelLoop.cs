using System.Runtime.CompilerServices;

namespace MnistLstm.Shared.Pixels;

/// <summary>The compilation mode of loops over pixels.</summary>
internal static class PixelLoop
{
    /// <summary>
    /// Full optimization at the first call. The runtime would otherwise first compile vectorized loops, which are not
    /// compiled ahead of time, without optimization and then with instrumentation, and run those for the first seconds
    /// of load. A loop inlined into a large method loses its own inlining, which costs 5 % of the time of a drawn
    /// picture.
    /// </summary>
    public const MethodImplOptions Compilation =
        MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
