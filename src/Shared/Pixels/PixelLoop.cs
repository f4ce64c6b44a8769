using System.Runtime.CompilerServices;

namespace MnistLstm.Shared.Pixels;

/// <summary>How the loops over pixels are compiled.</summary>
internal static class PixelLoop
{
    /// <summary>
    /// Fully, when first called. The run time would compile loops with vectors, which are not compiled ahead, without
    /// any optimization first, then all of them with counters at each branch, and would run those for the first seconds
    /// of load.
    /// A loop that is inlined into a large method loses its own inlining: 5 % of the time of a drawn picture.
    /// </summary>
    public const MethodImplOptions Compilation =
        MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
