using System.Buffers.Binary;
using System.IO.Hashing;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Fuzz;

/// <summary>The way of an uploaded file through decoder and normalizer, with what may never happen on it.</summary>
internal sealed class Upload(ImageLimits limits)
{
    private const int BytesPerPixel = 4;

    /// <summary>The memory that a file may take beside its pixels.</summary>
    private const long MaxOtherBytes = 64 << 20;

    /// <summary>Memory growth that counts as a leak.</summary>
    private const long MaxBytesBetween = 512L << 20;

    /// <exception cref="InvalidOperationException">It took too much memory, or left some behind.</exception>
    public void Read(byte[] file)
    {
        long before = ProcessStatus.Bytes(Environment.ProcessId, ProcessStatus.Resident);
        long taken = ProcessStatus.PeakOf(() =>
        {
            ReadOnce(file);
            if (Repair(file))
            {
                ReadOnce(file);
            }
        });

        // A progressive JPEG may take more than four bytes a pixel; the service counts what its header says.
        var header = ImageHeader.Read(file);
        long pixelBytes = limits.Check(header) == ImageProblem.None
            ? Math.Max(BytesPerPixel * header.Pixels, header.DecodingBytes)
            : 0;
        if (taken > pixelBytes + MaxOtherBytes)
        {
            throw new InvalidOperationException($"It took {taken} bytes, {pixelBytes} of them for pixels.");
        }

        if (before > MaxBytesBetween)
        {
            throw new InvalidOperationException($"After earlier files {before} bytes are resident.");
        }
    }

    private void ReadOnce(byte[] file)
    {
        ImageHeader header = ImageHeader.Read(file);
        ImageProblem problem = ImageDecoder.Decode(file, header, limits, out GrayImage? image);
        if ((image is null) != (problem != ImageProblem.None))
        {
            throw new InvalidOperationException($"{problem} with or without a picture.");
        }

        if (image is not null)
        {
            using (image)
            {
                // Every candidate, also those that the service would not ask for.
                foreach (DigitCandidate candidate in PictureNormalizer.Propose(file, header, limits, image))
                {
                    if (!candidate.Pixels.AsSpan().ContainsAnyExcept((byte)0))
                    {
                        throw new InvalidOperationException("A candidate has no ink.");
                    }
                }
            }
        }
    }

    /// <summary>
    /// A changed PNG file would end at its checksums: makes them right, so that what lies behind is met too.
    /// </summary>
    /// <returns>Whether the file has changed.</returns>
    private static bool Repair(byte[] file)
    {
        bool changed = false;
        if (ImageFormats.Recognize(file) == ImageFormat.Png)
        {
            for (int at = 8; at + 12 <= file.Length;)
            {
                uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
                if (length > (uint)(file.Length - at - 12))
                {
                    break;
                }

                Span<byte> checksum = file.AsSpan(at + 8 + (int)length, 4);
                uint right = Crc32.HashToUInt32(file.AsSpan(at + 4, 4 + (int)length));
                changed |= BinaryPrimitives.ReadUInt32BigEndian(checksum) != right;
                BinaryPrimitives.WriteUInt32BigEndian(checksum, right);
                at += 12 + (int)length;
            }
        }

        return changed;
    }
}
