using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>Coefficients of eight blocks side by side, for SIMD over all eight at once.</summary>
internal sealed class BlockLanes
{
    /// <summary>Number of blocks.</summary>
    public const int Count = 8;

    private readonly int[] _isFlat = new int[Count];

    /// <summary>[64 + 1, 8]: coefficients u of rows v, [v, u], then a place for discarded ones.</summary>
    public int[] Coefficients { get; } = new int[(64 + 1) * Count];

    /// <summary>All bits of a lane are set if all its coefficients except the first are 0.</summary>
    public Vector256<int> IsFlat => Vector256.Create(_isFlat);

    public void SetFirst(int lane, int coefficient, bool isFlat)
    {
        Coefficients[lane] = coefficient;
        _isFlat[lane] = isFlat ? -1 : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Row(int place) => Vector256.ConvertToSingle(Vector256.Create(Coefficients, place * Count));

    public void Clear() => Coefficients.AsSpan().Clear();
}
