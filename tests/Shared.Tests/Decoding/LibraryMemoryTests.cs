using System.Buffers;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using SixLabors.ImageSharp.Memory;

namespace MnistLstm.Shared.Tests.Decoding;

/// <summary>Measures ImageSharp's memory for a picture, including damaged files.</summary>
[Collection(nameof(RunsAlone))]
public sealed class LibraryMemoryTests
{
    /// <summary>Its tables, and the pixels of the small pictures here.</summary>
    private const long MaxBytes = 1 << 20;

    /// <summary>
    /// The library looks for a marker at every second byte only, and so finds the frame inside the frame.
    /// </summary>
    [Fact]
    public void A_JPEG_in_which_the_library_finds_a_larger_frame_is_rejected_before_it_takes_memory_for_it()
    {
        const byte Progressive = 0xC2;
        byte[] jpeg = PictureFiles.ProgressiveJpeg(1, 1, (_, _) => 100);
        int frame = jpeg.AsSpan().IndexOf<byte>([0xFF, Progressive]);
        byte[] small = [0xFF, Progressive, 0, 24, 8, 0, 8, 0, 8, 1, 1, 0x11, 0];
        byte[] large = [0xFF, Progressive, 0, 11, 8, 0x10, 0, 0x10, 0, 1, 1, 0x11, 0];
        byte[] file = [.. jpeg[..frame], 0, .. small, .. large, .. jpeg[(frame + small.Length)..]];

        (ImageProblem problem, long bytes) = Decode(file);

        ImageHeader.Read(file).Pixels.ShouldBe(64);
        problem.ShouldBe(ImageProblem.Damaged);
        bytes.ShouldBeLessThan(MaxBytes);
        Decode(jpeg).Problem.ShouldBe(ImageProblem.None);
    }

    /// <returns>The problem, and the bytes of the largest block that the library took.</returns>
    private static (ImageProblem Problem, long Bytes) Decode(byte[] file)
    {
        MemoryAllocator usual = ImageDecoder.Library.MemoryAllocator;
        var recorder = new Recorder(usual);
        ImageDecoder.Library.MemoryAllocator = recorder;
        try
        {
            ImageProblem problem = ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
            image?.Dispose();
            return (problem, recorder.LargestBytes);
        }
        finally
        {
            ImageDecoder.Library.MemoryAllocator = usual;
        }
    }

    private sealed class Recorder(MemoryAllocator usual) : MemoryAllocator
    {
        public long LargestBytes { get; private set; }

        public override IMemoryOwner<T> Allocate<T>(int length, AllocationOptions options = AllocationOptions.None)
        {
            LargestBytes = Math.Max(LargestBytes, (long)length * Unsafe.SizeOf<T>());
            return usual.Allocate<T>(length, options);
        }

        protected override int GetBufferCapacityInBytes() => int.MaxValue;
    }
}
