using System.Runtime.CompilerServices;

namespace MnistLstm.Shared.Pixels;

/// <summary>The compilation mode of loops over pixels.</summary>
internal static class PixelLoop
{
    /// <summary>
    /// Full optimization at the first call. Vectorized loops are not compiled ahead of time. Without this, the runtime
    /// would first compile them without optimization, then with instrumentation. It would run that code for the first
    /// seconds of load. A loop inlined into a large method loses its own inlining, which costs 5 % of the time of a
    /// drawn picture.
    /// </summary>
    public const MethodImplOptions Compilation =
        MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
