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
    /// bfloat16 where the processor multiplies it, else float32: libtorch computes bfloat16 everywhere, but at a sixth
    /// of float32's speed where it has to be converted, as by the kernels of older processors.
    /// </summary>
    public static NumberFormat Fastest { get; } =
        Libtorch.KernelLimit is null
            && Avx512F.IsSupported
            && (X86Base.CpuId(ExtendedFeatures, 1).Eax & Bfloat16Products) != 0
            ? NumberFormat.BFloat16
            : NumberFormat.Float32;
}
