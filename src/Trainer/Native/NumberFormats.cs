using System.Runtime.Intrinsics.X86;
using MnistLstm.Trainer.Network;

namespace MnistLstm.Trainer.Native;

/// <summary>The number formats that the processor is fast at.</summary>
public static class NumberFormats
{
    // Leaf 7, sub-leaf 1 of CPUID: Intel's Architecture Instruction Set Extensions Reference.
    private const int ExtendedFeatures = 7;
    private const int Bfloat16Products = 1 << 5; // AVX512_BF16 in EAX

    /// <summary>
    /// bfloat16 if the processor multiplies it, else float32. libtorch computes bfloat16 on every processor. If its
    /// kernels have to convert it, as those of older processors do, it runs at a sixth of float32's speed.
    /// </summary>
    public static NumberFormat Fastest { get; } =
        Libtorch.KernelLimit is null
            && Avx512F.IsSupported
            && (X86Base.CpuId(ExtendedFeatures, 1).Eax & Bfloat16Products) != 0
            ? NumberFormat.BFloat16
            : NumberFormat.Float32;
}
