namespace MnistLstm.Fuzz;

/// <summary>The entropy-coded data of one scan, and the Huffman tables of the symbols that it needs.</summary>
/// <param name="first">The first coefficient of each block, in zigzag order.</param>
/// <param name="last">The last one.</param>
/// <param name="high">Bits that an earlier scan left out; 0 in the first scan of these coefficients.</param>
/// <param name="low">Bits that are left to later scans.</param>
internal sealed class JpegScanWriter(int first, int last, int high, int low)
{
    private const int ZeroRun = 0xF0;
    private const int EndOfBlock = 0;

    /// <summary>A symbol of a table (DC 0, AC 1), none below 0, and the bits behind it.</summary>
    private readonly List<(int Table, int Symbol, int Value, int Bits)> _codes = [];
    private readonly Dictionary<int, int> _previous = [];
    private int _blocksEnded;
    private int _restarts;

    public int First => first;

    public int Last => last;

    public int High => high;

    public int Low => low;

    public void Add(int component, int[] coefficients)
    {
        if (first == 0)
        {
            int level = coefficients[0] >> low;
            if (high > 0)
            {
                AddBits(level & 1, 1);
            }
            else
            {
                AddNumber(0, 0, level - _previous.GetValueOrDefault(component));
                _previous[component] = level;
            }
        }

        if (last > 0)
        {
            int[] magnitudes = [.. coefficients.Select(coefficient => Math.Abs(coefficient) >> low)];
            if (high > 0)
            {
                Refine(coefficients, magnitudes);
            }
            else
            {
                AddFirstBits(coefficients, magnitudes);
            }
        }
    }

    public void Restart()
    {
        EndBlocks();
        _codes.Add((-1, _restarts++ % 8, 0, 0));
        _previous.Clear();
    }

    public (byte[] Tables, byte[] Data) Finish()
    {
        EndBlocks();
        int[][] symbols =
        [
            .. Enumerable.Range(0, 2).Select(table => _codes
                .Where(code => code.Table == table && code.Symbol >= 0)
                .Select(code => code.Symbol).Distinct().Order().ToArray())
        ];
        int[] lengths = [.. symbols.Select(some => 32 - int.LeadingZeroCount(Math.Max(some.Length, 1)))];
        byte[] tables =
        [
            .. symbols.Zip(lengths).SelectMany((table, i) => table.First.Length == 0 ? [] : (byte[])
            [
                (byte)(i << 4), .. Enumerable.Range(1, 16)
                    .Select(length => (byte)(length == table.Second ? table.First.Length : 0)),
                .. table.First.Select(symbol => (byte)symbol),
            ])
        ];
        var data = new List<byte>();
        var bits = new BitWriter();
        foreach ((int table, int symbol, int value, int count) in _codes)
        {
            if (table < 0)
            {
                Flush(bits, data);
                data.AddRange([0xFF, (byte)(0xD0 + symbol)]);
                bits = new BitWriter();
                continue;
            }

            if (symbol >= 0)
            {
                bits.Write(Array.IndexOf(symbols[table], symbol), lengths[table]);
            }

            bits.Write(value, count);
        }

        Flush(bits, data);
        return (tables, [.. data]);

        static void Flush(BitWriter bits, List<byte> data)
        {
            bits.Fill();
            data.AddRange(bits.ToBytes().SelectMany(value => value == 0xFF ? new byte[] { value, 0 } : [value]));
        }
    }

    /// <summary>Figures G.3 to G.6: in progressive files one code ends the blocks of many.</summary>
    private void AddFirstBits(int[] coefficients, int[] magnitudes)
    {
        int run = 0;
        for (int k = Math.Max(first, 1); k <= last; k++)
        {
            if (magnitudes[k] == 0)
            {
                run++;
                continue;
            }

            EndBlocks();
            for (; run > 15; run -= 16)
            {
                _codes.Add((1, ZeroRun, 0, 0));
            }

            AddNumber(1, run, Math.Sign(coefficients[k]) * magnitudes[k]);
            run = 0;
        }

        if (run > 0)
        {
            _blocksEnded++;
            if (first == 0)
            {
                EndBlocks();
            }
        }
    }

    /// <summary>Figure G.7: one more bit of each coefficient, and those that begin with this bit.</summary>
    private void Refine(int[] coefficients, int[] magnitudes)
    {
        int lastNew = Array.LastIndexOf(magnitudes, 1);
        var corrections = new List<int>();
        int run = 0;
        for (int k = first; k <= last; k++)
        {
            if (magnitudes[k] == 0)
            {
                run++;
                continue;
            }

            for (; run > 15 && k <= lastNew; run -= 16)
            {
                _codes.Add((1, ZeroRun, 0, 0));
                AddCorrections();
            }

            if (magnitudes[k] > 1)
            {
                corrections.Add(magnitudes[k] & 1);
                continue;
            }

            _codes.Add((1, (run << 4) | 1, coefficients[k] < 0 ? 0 : 1, 1));
            AddCorrections();
            run = 0;
        }

        if (run > 0 || corrections.Count > 0)
        {
            _codes.Add((1, EndOfBlock, 0, 0));
            AddCorrections();
        }

        void AddCorrections()
        {
            corrections.ForEach(bit => AddBits(bit, 1));
            corrections.Clear();
        }
    }

    private void EndBlocks()
    {
        if (_blocksEnded > 0)
        {
            int bits = 31 - int.LeadingZeroCount(_blocksEnded);
            _codes.Add((1, bits << 4, _blocksEnded - (1 << bits), bits));
            _blocksEnded = 0;
        }
    }

    /// <summary>A category, with the run of zeros before it, then the number in as many bits as its category.</summary>
    private void AddNumber(int table, int run, int number)
    {
        int category = 32 - int.LeadingZeroCount(Math.Abs(number));
        int value = number >= 0 ? number : number + (1 << category) - 1;
        _codes.Add((table, (run << 4) | category, value, category));
    }

    private void AddBits(int value, int count) => _codes.Add((0, -1, value, count));
}
