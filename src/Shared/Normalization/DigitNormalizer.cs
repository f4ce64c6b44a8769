using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Proposes where in a picture the digit could be: candidates in MNIST's form, for the network to judge by its
/// evidence.
/// </summary>
public static class DigitNormalizer
{
    /// <summary>Proposes candidates, one at a time and the plainest first; nothing where there is no ink.</summary>
    /// <remarks>
    /// A picture in MNIST's form already is its only candidate, pixel for pixel. Otherwise the first candidate is the
    /// likeliest reading of the whole picture. Each further one takes one decision differently: the picture inside a
    /// surround, without printed lines, over the other kind of background, with ink of the other polarity.
    /// </remarks>
    /// <param name="picture">In use until the enumeration ends.</param>
    public static IEnumerable<DigitCandidate> Propose(GrayImage picture)
    {
        if (PassThrough(picture) is { } passed)
        {
            yield return passed;
            yield break;
        }

        using var whole = new DigitSearch(picture, new Region(0, 0, picture.Width, picture.Height));
        foreach (DigitCandidate likeliest in whole.FindLikeliest())
        {
            yield return likeliest;
        }

        using DigitSearch? inner = InnerPicture.Find(picture) is { } region ? new DigitSearch(picture, region) : null;
        if (inner?.Find(way: 0) is { } inside)
        {
            yield return inside with { IsFirst = false, IsPlain = false };
        }

        DigitSearch[] searches = inner is null ? [whole] : [whole, inner];
        for (int way = 0; way < DigitSearch.Ways; way++)
        {
            bool isLikelyPolarity = way < 2;
            foreach (DigitSearch search in searches.Where(search => way == 0 || !search.IsClear))
            {
                foreach (Printed without in isLikelyPolarity ? Enum.GetValues<Printed>() : [Printed.Nothing])
                {
                    if ((way > 0 || without != Printed.Nothing) && search.Find(way, without) is { } other)
                    {
                        yield return other with { IsFirst = false, IsPlain = isLikelyPolarity && search == whole };
                    }
                }
            }
        }
    }

    /// <summary>A picture in MNIST's form as it is; null for any other picture.</summary>
    internal static DigitCandidate? PassThrough(GrayImage picture) => MnistFormat.FindBox(picture) is { } box
        ? new DigitCandidate(picture.Pixels.ToArray(), box) { PassedThrough = true, Edge = byte.MaxValue / 2 }
        : null;
}
